// The names by which a lesson calls parts of the page, to light them up or to hide them.

/** Parts of the page; css/lesson.css says what each is. The results are a board's. */
export const PARTS_OF_PAGE = [
  "model",
  "photos",
  "rail",
  "stage",
  "sight",
  "roll",
  "tokens",
  "heads",
  "layer",
  "predictions",
  "direction",
  "scale",
  "panels",
  "results",
];

/** The panels beside the heads, as `state.panel` names them. */
export const PANELS = [
  "windows",
  "reach",
  "bias",
  "cost",
  "merge",
  "whatif",
  "heads",
  "rollout",
  "distance",
  "positions",
  "filters",
  "lens",
];
