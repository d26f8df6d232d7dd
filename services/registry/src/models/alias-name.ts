/**
 * Why an alias is not allowed, or undefined. MLflow's rules: `latest` and `v12` would be read as versions.
 */
export function aliasFault(alias: string): string | undefined {
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(alias))
    return `Invalid alias name: '${alias}' may hold letters, digits, '_' and '-', at most 255`;
  if (alias.toLowerCase() === 'latest') return "'latest' alias name (case insensitive) is reserved.";
  if (/^v\d+$/i.test(alias)) return `Version alias name '${alias}' is reserved.`;
  return undefined;
}
