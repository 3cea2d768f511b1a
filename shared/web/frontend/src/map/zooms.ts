/** From this zoom on a measure shows its extent, below it a symbol. */
export const EXTENTS_FROM_ZOOM = 14;
/** From this zoom on the live map shows single lights. */
export const LIGHTS_FROM_ZOOM = 15;
