// Peers' own dependencies, through pip and Maven, once for each state of their files. Kept in .headrace, outside of the repository's packages.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const cache = join(import.meta.dirname, '..', '..', '..', '.headrace', 'bench-streaming');
const common = join(import.meta.dirname, 'common');

/** Path of a Python with the packages of `folder`/requirements.txt. */
export function pythonFor(folder) {
  const requirements = join(folder, 'requirements.txt');
  // Not renamed into place as below: a virtual environment holds its own path. The mark at the end says that it is whole.
  const home = join(cache, `python-${digest([requirements])}`);
  const python = join(home, 'bin', 'python');
  if (existsSync(join(home, 'complete'))) return python;
  rmSync(home, { recursive: true, force: true });
  run('python3', ['-m', 'venv', home]);
  run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]);
  writeFileSync(join(home, 'complete'), '');
  return python;
}

/** Class path with the jars of `folder`/pom.xml and the compiled sources of `folder` and of common. */
export function classPathFor(folder) {
  const pom = join(folder, 'pom.xml');
  const sources = [...javaFiles(common), ...javaFiles(folder)];
  const home = join(cache, `java-${digest([pom, ...sources])}`);
  const path = `${join(home, 'classes')}:${join(home, 'jars', '*')}`;
  if (existsSync(home)) return path;
  const unfinished = `${home}-${process.pid}`;
  mkdirSync(join(unfinished, 'classes'), { recursive: true });
  const jars = join(unfinished, 'jars');
  run('mvn', [
    '-q',
    '-B',
    '-f',
    pom,
    'dependency:copy-dependencies',
    '-DincludeScope=runtime',
    `-DoutputDirectory=${jars}`,
  ]);
  run('javac', ['--release', '17', '-cp', join(jars, '*'), '-d', join(unfinished, 'classes'), ...sources]);
  renameSync(unfinished, home);
  return path;
}

const javaFiles = (folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.java'))
    .map((name) => join(folder, name));

function digest(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 12);
}

function run(command, args) {
  const { error, status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (error) throw new Error(`${command} did not start: ${error.message}`);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed (${status}):\n${stdout}${stderr}`);
}
