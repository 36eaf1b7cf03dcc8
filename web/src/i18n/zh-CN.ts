import app from "./app.zh-CN.json";
import around from "./around.zh-CN.json";
import fields from "./fields.zh-CN.json";
import forms from "./forms.zh-CN.json";
import grid from "./grid.zh-CN.json";
import kit from "./kit.zh-CN.json";
import pages from "./pages.zh-CN.json";

export default { ...app, ...around, ...fields, ...forms, ...grid, ...kit, ...pages };
