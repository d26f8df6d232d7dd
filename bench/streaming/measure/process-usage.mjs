// CPU time and memory of processes and everything below them, from /proc (Linux).
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const ticksASecond =
  process.platform === 'linux' ? Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' })) : NaN;

/**
 * @param {string} stat text of /proc/PID/stat
 * @returns {{ parent: number, ticks: number }} ticks: user + system, of the process's threads and of its children that have ended and been waited for
 */
export function parseStat(stat) {
  // pid (name) state ppid …; the name may hold spaces and brackets. utime, stime, cutime, cstime are fields 14 to 17 of proc(5).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { parent: Number(fields[1]), ticks: [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0) };
}

/**
 * @param {number[]} roots pids
 * @returns {{ cpuSeconds: number, rssBytes: number, peakRssBytes: number, largestRssBytes: number }} sums over the trees;
 *   peakRssBytes adds each living process's own peak, largestRssBytes is the largest of these
 */
export function usageOf(roots) {
  const stats = readStats();
  const usage = { cpuSeconds: 0, rssBytes: 0, peakRssBytes: 0, largestRssBytes: 0 };
  const visit = (pid) => {
    const stat = stats.get(pid);
    if (!stat) return;
    const status = read(`/proc/${pid}/status`) ?? '';
    usage.cpuSeconds += stat.ticks / ticksASecond;
    usage.rssBytes += kilobytes(status, 'VmRSS');
    const peak = kilobytes(status, 'VmHWM');
    usage.peakRssBytes += peak;
    usage.largestRssBytes = Math.max(usage.largestRssBytes, peak);
    for (const [child, { parent }] of stats) if (parent === pid) visit(child);
  };
  roots.forEach(visit);
  return usage;
}

function readStats() {
  const stats = new Map();
  for (const entry of readdirSync('/proc')) {
    const stat = /^\d+$/.test(entry) ? read(`/proc/${entry}/stat`) : null;
    if (stat !== null) stats.set(Number(entry), parseStat(stat));
  }
  return stats;
}

const kilobytes = (status, field) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024;

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
