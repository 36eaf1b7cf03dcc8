/** What the engine needs of its colour library, with the three colour spaces that style sheets here speak. */
import { modeHsl, modeLrgb, modeRgb, useMode } from "culori/fn";

export { converter, formatHex, formatRgb, wcagContrast, wcagLuminance } from "culori/fn";

useMode(modeRgb);
useMode(modeLrgb);
useMode(modeHsl);
