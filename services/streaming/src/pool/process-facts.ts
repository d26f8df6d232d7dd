import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What the system says of a process. */
export interface ProcessFacts {
  /** Pids are used again; pid and start time together are not. No blanks. */
  readonly startTime: string;
  /** By SIGSTOP or a debugger: it can do nothing, so nothing it does takes long. */
  readonly stopped: boolean;
  readonly residentBytes: number;
  readonly cpuSeconds: number;
}

/** Null when there is no such process; a zombie counts as none. */
export function processFacts(pid: number): ProcessFacts | null {
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
}

/** Of /proc/<pid>/stat; 100 a second on every Linux that Node runs on. */
const TICKS_A_SECOND = 100;

function fromProc(pid: number): ProcessFacts | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // proc(5): the second field is the name in brackets and may hold spaces; fields from the third on: state, …, utime 14, stime 15, start 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    const resident = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return {
      startTime: fields[19]!,
      stopped: fields[0] === 'T' || fields[0] === 't',
      residentBytes: Number(resident ?? 0) * 1024,
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND,
    };
  } catch {
    return null;
  }
}

/** Elsewhere than on Linux; about 5 ms a look. */
function fromPs(pid: number): ProcessFacts | null {
  const { stdout } = spawnSync('ps', ['-o', 'state=,rss=,time=,lstart=', '-p', String(pid)], { encoding: 'utf8' });
  const match = /^\s*(\S+)\s+(\d+)\s+(\S+)\s+(.+)$/.exec(stdout?.trim() ?? '');
  if (!match || match[1]!.startsWith('Z')) return null;
  const cpuSeconds = match[3]!.split(/[:-]/).reduce((sum, part) => sum * 60 + Number(part), 0);
  const startTime = match[4]!.trim().replace(/\W+/g, '_');
  return { startTime, stopped: match[1]!.startsWith('T'), residentBytes: Number(match[2]) * 1024, cpuSeconds };
}
