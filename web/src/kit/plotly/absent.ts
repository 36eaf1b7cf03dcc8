/** Stands in for parts of the engine that are switched off here: its tool bar, and selecting with the mouse. */
const nothing = (): void => {};

export { nothing as clearOutline, nothing as manage, nothing as prepSelect, nothing as selectOnClick };
