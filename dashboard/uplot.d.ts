// uPlot is loaded by a script of its own and is a global.

import type Chart from 'uplot';

declare global {
  const uPlot: typeof Chart;
}
