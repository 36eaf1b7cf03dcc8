import app from "./app.en.json";
import fields from "./fields.en.json";
import forms from "./forms.en.json";
import kit from "./kit.en.json";
import pages from "./pages.en.json";

export default { ...app, ...fields, ...forms, ...kit, ...pages };
