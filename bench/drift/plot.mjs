const [WIDTH, HEIGHT, MARGIN] = [640, 360, 48];
const COLOURS = ['#1b6ca8', '#7fb2d9', '#c0504d', '#6a8f3c', '#8064a2'];

/** An SVG of curves over a common x, y within [0, 1]. @param curves [{ name, points: [[x, y]] }] */
export function linePlot(curves, { x, y }) {
  const most = Math.max(...curves.flatMap(({ points }) => points.map(([at]) => at)));
  const px = (at) => MARGIN + (at / most) * (WIDTH - 2 * MARGIN);
  const py = (share) => HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN);
  const line = (points) => points.map(([at, share]) => `${px(at).toFixed(1)},${py(share).toFixed(1)}`).join(' ');
  const ticks = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<line x1="${MARGIN}" x2="${WIDTH - MARGIN}" y1="${py(share)}" y2="${py(share)}" stroke="#ddd"/><text x="${MARGIN - 6}" y="${py(share) + 4}" text-anchor="end">${share}</text>`,
  );
  const marks = curves[0].points.map(
    ([at]) => `<text x="${px(at)}" y="${HEIGHT - MARGIN + 16}" text-anchor="middle">${at}</text>`,
  );
  const drawn = curves.map(
    ({ name, points }, i) =>
      `<polyline fill="none" stroke="${COLOURS[i]}" stroke-width="2" points="${line(points)}"/><text x="${WIDTH - MARGIN - 150}" y="${HEIGHT - MARGIN - 12 - 16 * i}" fill="${COLOURS[i]}">${name}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="#fff"/>
${[...ticks, ...marks, ...drawn].join('\n')}
<text x="${WIDTH / 2}" y="${HEIGHT - 10}" text-anchor="middle">${x}</text><text x="14" y="${HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 14 ${HEIGHT / 2})">${y}</text></svg>
`;
}
