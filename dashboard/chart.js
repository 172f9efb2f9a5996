// Stacked bars by hour or day, with values on hover; each chart also as a table. uPlot draws them.

import { html, useEffect, useRef, useState } from './view.js';
import { clock, day, number } from './words.js';

/** @import { Span } from '../shared/api/status.ts' */
/** @typedef {{ names: string[], label: string, colour: string }} Part counters that are added up; `colour` is a variable of style.css */
/** @typedef {{ spans: Span[], of: 'outcomes' | 'hints' | 'calls', parts: Part[], columns?: Part[], days: boolean, title: string, onRange?: ((from: string, to: string) => void) | undefined }} ChartProps `parts` are from the axis upwards; the table shows `columns` instead, where they are given; `onRange` gets a range of time that was dragged, ISO 8601 */

const HEIGHT_PX = 180;

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

/** The drawing alone. It is drawn again when the numbers, the width or the colour scheme change. @param {ChartProps & { counts: number[][], onHover: (n: number | null) => void }} props */
function Bars({ spans, counts, parts, days, title, onRange, onHover }) {
  const holder = useRef(/** @type {HTMLElement | null} */ (null));
  const [look, setLook] = useState(0);
  useEffect(() => {
    const again = () => setLook((n) => n + 1);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', again);
    addEventListener('resize', again);
    return () => {
      scheme.removeEventListener('change', again);
      removeEventListener('resize', again);
    };
  }, []);
  useEffect(() => {
    const parent = holder.current;
    if (!parent) return undefined;
    const plot = new uPlot(
      optionsOf({ spans, parts, days, onRange, onHover, width: parent.clientWidth }),
      sumsOf(spans, counts, parts),
      parent,
    );
    return () => plot.destroy();
  }, [JSON.stringify([spans.map(({ from }) => from), counts]), days, look]);
  return html`<div ref=${holder} role="img" aria-label=${`${title}, as bars. The table below has the numbers.`}></div>`;
}

/** Each series is drawn up to its own sum, the highest first. @param {Span[]} spans @param {number[][]} counts @param {Part[]} parts @returns {import('uplot').AlignedData} */
function sumsOf(spans, counts, parts) {
  const sums = parts.map((_, n) => counts.map((row) => row.slice(0, n + 1).reduce((sum, count) => sum + count, 0)));
  return [spans.map((_, n) => n), ...sums.toReversed()];
}

/** @param {Pick<ChartProps, 'spans' | 'parts' | 'days' | 'onRange'> & { onHover: (n: number | null) => void, width: number }} drawn @returns {import('uplot').Options} */
function optionsOf({ spans, parts, days, onRange, onHover, width }) {
  const colourOf = (/** @type {string} */ name) => getComputedStyle(document.documentElement).getPropertyValue(name);
  const axis = { stroke: colourOf('--quiet'), grid: { stroke: colourOf('--line'), width: 1 }, ticks: { show: false } };
  const paths = uPlot.paths.bars?.({ size: [0.8, 40] });
  const labelOf = days ? day : clock;
  return {
    width: Math.max(width, 200),
    height: HEIGHT_PX,
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: onRange !== undefined, y: false, setScale: false } },
    hooks: {
      setCursor: [({ cursor: { idx } }) => onHover(idx ?? null)],
      setSelect: [
        ({ select, posToVal }) => {
          if (select.width > 0)
            onRange?.(...rangeOf(spans, posToVal(select.left, 'x'), posToVal(select.left + select.width, 'x')));
        },
      ],
    },
    scales: {
      x: { time: false, range: [-0.6, spans.length - 0.4] },
      y: { range: (_, __, max) => [0, Math.max(max, 4)] },
    },
    series: [
      {},
      ...parts
        .toReversed()
        .map(({ colour }) => ({ fill: colourOf(colour), width: 0, points: { show: false }, ...(paths && { paths }) })),
    ],
    axes: [
      {
        ...axis,
        values: (_, at) => at.map((n) => (spans[n] ? labelOf(spans[n].from) : '')),
        incrs: [1, 2, 3, 4, 6, 8, 12],
        size: 28,
      },
      { ...axis, values: (_, at) => at.map((n) => (Number.isInteger(n) ? number(n) : '')), size: 56 },
    ],
  };
}

/** Whole spans: from the start of the first to the end of the last. @param {Span[]} spans @param {number} first @param {number} last @returns {[string, string]} */
function rangeOf(spans, first, last) {
  const at = (/** @type {number} */ n) => Math.min(Math.max(Math.round(n), 0), spans.length - 1);
  const from = spans[at(first)]?.from ?? '';
  const end = spans[at(last) + 1]?.from;
  return [from, end ?? new Date().toISOString()];
}
