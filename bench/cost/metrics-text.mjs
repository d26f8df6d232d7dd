/**
 * Sum of a metric's samples in Prometheus text whose labels pass.
 * @param {string} text a /metrics answer
 * @param {string} name
 * @param {(labels: string) => boolean} [accept] of the text between the braces
 */
export function sumOf(text, name, accept = () => true) {
  let sum = 0;
  for (const line of text.split('\n')) {
    const match = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (match && match[1] === name && accept(match[2] ?? '')) sum += Number(match[3]);
  }
  return sum;
}
