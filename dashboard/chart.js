// Stacked bars by hour or day, with values on hover; each chart also as a table. Drawn as SVG: a chart library of this kind would be as
// large as all the rest of the dashboard.

import { html, useState } from './view.js';
import { clock, day, number } from './words.js';

/** @import { Span } from '../shared/api/status.ts' */
/** @typedef {{ names: string[], label: string, colour: string }} Part counters that are added up; `colour` is a variable of style.css */
/** @typedef {{ spans: Span[], of: 'outcomes' | 'hints' | 'calls', parts: Part[], columns?: Part[], days: boolean, title: string, onRange?: ((from: string, to: string) => void) | undefined }} ChartProps `parts` are from the axis upwards; the table shows `columns` instead, where they are given; `onRange` gets a range of time that was dragged, ISO 8601 */

/** Lines across the chart, and labels below it. */
const LINES = 4;
const LABELS = 8;

/** @param {ChartProps} props */
export function Chart(props) {
  const { spans, of, parts, columns = parts, days, title } = props;
  const [hovered, setHovered] = useState(/** @type {number | null} */ (null));
  const counts = countsOf(spans, of, parts);
  const labelOf = days ? day : clock;
  const shown = hovered === null ? null : counts[hovered];
  return html`<figure class="chart" aria-label=${title}>
    <${Bars} ...${props} counts=${counts} onHover=${setHovered} />
    <ul class="legend" aria-hidden=${shown ? 'true' : undefined}>
      ${parts.map(({ label, colour }, n) => {
        const total = counts.reduce((sum, row) => sum + (row[n] ?? 0), 0);
        return html`<li key=${label}><i style=${{ background: `var(${colour})` }}></i>${label} ${number(shown ? (shown[n] ?? 0) : total)}</li>`;
      })}
      ${hovered !== null && spans[hovered] && html`<li class="quiet">${labelOf(spans[hovered].from)}</li>`}
    </ul>
    <details>
      <summary>${title}: as a table</summary>
      <${CountTable} spans=${spans} counts=${countsOf(spans, of, columns)} columns=${columns} days=${days} title=${title} />
    </details>
  </figure>`;
}

/** @param {{ spans: Span[], counts: number[][], columns: Part[], days: boolean, title: string }} props */
function CountTable({ spans, counts, columns, days, title }) {
  const labelOf = days ? day : clock;
  const rows = spans.map(({ from }, n) => ({ from, cells: counts[n] ?? [] })).reverse();
  return html`<div class="scroll" role="region" aria-label=${title} tabindex="0"><table>
    <thead><tr><th scope="col">${days ? 'Day (UTC)' : 'Hour from'}</th>${columns.map(({ label }) => html`<th scope="col">${label}</th>`)}</tr></thead>
    <tbody>${rows.map(({ from, cells }) => html`<tr key=${from}><th scope="row">${labelOf(from)}</th>${cells.map((n) => html`<td>${number(n)}</td>`)}</tr>`)}</tbody>
  </table></div>`;
}

/** @param {Span[]} spans @param {'outcomes' | 'hints' | 'calls'} of @param {Part[]} parts */
function countsOf(spans, of, parts) {
  return spans.map((span) => parts.map(({ names }) => names.reduce((sum, name) => sum + (span[of][name] ?? 0), 0)));
}

/** The drawing alone: one unit wide for each span, and as high as the scale. @param {ChartProps & { counts: number[][], onHover: (n: number | null) => void }} props */
function Bars({ spans, counts, parts, days, title, onRange, onHover }) {
  const [dragged, setDragged] = useState(/** @type {{ from: number, to: number } | null} */ (null));
  const top = scaleOf(Math.max(...counts.map((row) => row.reduce((sum, n) => sum + n, 0))));
  const labelOf = days ? day : clock;
  const every = Math.ceil(spans.length / LABELS);
  const at = (/** @type {PointerEvent & { currentTarget: SVGElement }} */ { clientX, currentTarget }) => {
    const { left, width } = currentTarget.getBoundingClientRect();
    return Math.min(Math.max(Math.floor(((clientX - left) / width) * spans.length), 0), spans.length - 1);
  };
  const select = onRange && {
    onPointerDown: (/** @type {any} */ event) => {
      event.currentTarget.setPointerCapture(event.pointerId);
      setDragged({ from: at(event), to: at(event) });
    },
    onPointerUp: () => {
      if (dragged && dragged.from !== dragged.to) onRange(...rangeOf(spans, dragged));
      setDragged(null);
    },
    onPointerCancel: () => setDragged(null),
  };
  const move = (/** @type {any} */ event) => {
    onHover(at(event));
    if (dragged) setDragged({ ...dragged, to: at(event) });
  };
  return html`<div class="plot" role="img" aria-label=${`${title}, as bars. The table below has the numbers.`}>
    <ol class="scale" aria-hidden="true">${Array.from({ length: LINES + 1 }, (_, n) => html`<li>${number((top / LINES) * (LINES - n))}</li>`)}</ol>
    <svg viewBox=${`0 0 ${spans.length} ${top}`} preserveAspectRatio="none" class=${onRange ? 'range' : ''} onPointerMove=${move} onPointerLeave=${() => onHover(null)} ...${select}>
      ${Array.from({ length: LINES }, (_, n) => html`<line x1="0" x2=${spans.length} y1=${(top / LINES) * n} y2=${(top / LINES) * n} />`)}
      ${dragged && html`<rect class="dragged" x=${Math.min(dragged.from, dragged.to)} width=${Math.abs(dragged.to - dragged.from) + 1} y="0" height=${top} />`}
      ${counts.map((row, span) => stackOf(row).map(({ from, to }, n) => html`<rect x=${span + 0.1} width="0.8" y=${top - to} height=${to - from} style=${{ fill: `var(${parts[n]?.colour})` }} />`))}
    </svg>
    <ol class="times" aria-hidden="true">${spans.map(({ from }, n) => n % every === 0 && html`<li style=${{ left: `${(100 * n) / spans.length}%` }}>${labelOf(from)}</li>`)}</ol>
  </div>`;
}

/** Where each part of a bar begins and ends, from the axis upwards. @param {number[]} row */
function stackOf(row) {
  let from = 0;
  return row.map((n) => {
    from += n;
    return { from: from - n, to: from };
  });
}

/** The top of the scale: a round number that `LINES` divides. @param {number} most */
function scaleOf(most) {
  const step = Math.max(most, LINES) / LINES;
  const size = 10 ** Math.floor(Math.log10(step));
  return LINES * size * ([1, 2, 5, 10].find((n) => n * size >= step) ?? 10);
}

/** Whole spans: from the start of the first to the end of the last. @param {Span[]} spans @param {{ from: number, to: number }} dragged @returns {[string, string]} */
function rangeOf(spans, { from, to }) {
  const [first, last] = [Math.min(from, to), Math.max(from, to)];
  return [spans[first]?.from ?? '', spans[last + 1]?.from ?? new Date().toISOString()];
}
