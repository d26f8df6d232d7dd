// Memory of a process and everything below it, from /proc (Linux).
import { readdirSync, readFileSync } from 'node:fs';

/** @typedef {{ pid: number, name: string, rssBytes: number, pssBytes: number | null }} ProcessMemory */

/**
 * The process and its descendants, parents before children. Processes that end meanwhile are left out.
 * rssBytes counts shared pages in every process that maps them; pssBytes shares them out, so its sum is what the machine gives up.
 * pssBytes is null where /proc/PID/smaps_rollup may not be read (another user's process).
 * @param {number} root pid
 * @returns {ProcessMemory[]}
 */
export function processTree(root) {
  const children = childrenByParent();
  const found = [];
  const visit = (pid) => {
    const memory = memoryOf(pid);
    if (memory) found.push(memory);
    for (const child of children.get(pid) ?? []) visit(child);
  };
  visit(root);
  return found;
}

function childrenByParent() {
  const children = new Map();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = read(`/proc/${entry}/stat`);
    if (stat === null) continue;
    // pid (name) state ppid …; the name may hold spaces and brackets.
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  return children;
}

function memoryOf(pid) {
  const status = read(`/proc/${pid}/status`);
  const command = read(`/proc/${pid}/cmdline`);
  if (status === null || command === null) return null;
  const rollup = read(`/proc/${pid}/smaps_rollup`);
  return {
    pid,
    name: nameOf(command.split('\0').filter(Boolean)),
    rssBytes: kilobytes(status, 'VmRSS') ?? 0,
    pssBytes: rollup === null ? null : kilobytes(rollup, 'Pss'),
  };
}

/** What a reader recognises: the service's folder, kafka, postgres, else the program. */
export function nameOf(command) {
  const line = command.join(' ');
  const ours = /\b(?:services|apps)\/([a-z-]+)\/dist\/(?:([a-z-]+)\/)?main\.js/.exec(line);
  if (ours) return ours[2] ?? ours[1];
  if (/\bkafka\.Kafka\b/.test(line)) return 'kafka';
  if (/postgres/.test(command[0] ?? '')) return 'postgres';
  if (/\bnpm\b/.test(line)) return 'npm';
  return (command[0] ?? '').split('/').at(-1) || '(ended)';
}

function kilobytes(text, field) {
  const match = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text);
  return match ? Number(match[1]) * 1024 : null;
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
