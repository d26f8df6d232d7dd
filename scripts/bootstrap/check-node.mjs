// Imported first, for its effect, so that an old Node gets one line instead of a stack trace from newer syntax further on.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `headrace: needs Node 20.19 or later, this is ${process.versions.node}; install one from https://nodejs.org`,
  );
  process.exit(1);
}
