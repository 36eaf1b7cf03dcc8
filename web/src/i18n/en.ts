import app from "./app.en.json";
import around from "./around.en.json";
import fields from "./fields.en.json";
import forms from "./forms.en.json";
import grid from "./grid.en.json";
import kit from "./kit.en.json";
import pages from "./pages.en.json";

export default { ...app, ...around, ...fields, ...forms, ...grid, ...kit, ...pages };
