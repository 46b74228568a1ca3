/** The table of shape functions. */
import { elementwiseShapes } from './elementwise-shapes.js';
import { indexingShapes } from './indexing-shapes.js';
import { linearShapes } from './linear-shapes.js';
import { movementShapes } from './movement-shapes.js';
import { reductionShapes } from './reduction-shapes.js';
import type { ShapeFunctions } from './shape-function.js';
import { structureShapes } from './structure-shapes.js';
import { windowShapes } from './window-shapes.js';

/** Operations by name. The shapes of others are what the file says. */
export const shapeFunctions: ShapeFunctions = {
  ...structureShapes,
  ...elementwiseShapes,
  ...reductionShapes,
  ...movementShapes,
  ...indexingShapes,
  ...linearShapes,
  ...windowShapes,
};
