/** Why an alias cannot be read, or undefined. MLflow's rules. */
export function aliasFault(alias: string): string | undefined {
  if (alias === '') return 'Registered model alias name cannot be empty.';
  if (!/^[\w-]*$/.test(alias))
    return `Invalid alias name: '${alias}'. Names may only contain alphanumerics, underscores (_), and dashes (-).`;
  if (alias.length > 255) return "'Registered model alias name' exceeds the maximum length of 255 characters";
  return undefined;
}

/** Why an alias cannot be set, or undefined: `latest` and `v12` would be read as versions. */
export function newAliasFault(alias: string): string | undefined {
  if (alias.toLowerCase() === 'latest') return "'latest' alias name (case insensitive) is reserved.";
  if (/^v\d+$/i.test(alias)) return `Version alias name '${alias}' is reserved.`;
  return aliasFault(alias);
}
