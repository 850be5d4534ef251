// What every page needs: theme, menus, times that stay true, messages, files. Each part finds its own elements.
import { startFiles } from "./files.js";
import { startForms } from "./forms.js";
import { startMenus } from "./menus.js";
import { startTheme } from "./theme.js";
import { startTimes } from "./times.js";
import { startTitles } from "./titles.js";
import { startToasts } from "./toasts.js";

startTheme();
startMenus();
startTimes();
startTitles();
startToasts();
startForms();
startFiles();
