// Lets a script import the sources below src/ as they are. Needs Node 22.18 or later (the pinned one), which strips types by itself.
import { registerHooks } from 'node:module';

// The sources import each other as './x.js', which is right once compiled; here the file is still './x.ts'.
registerHooks({
  resolve(specifier, context, next) {
    const own = specifier.startsWith('.') && context.parentURL?.startsWith(new URL('src/', import.meta.url).href);
    return next(own ? specifier.replace(/\.js$/, '.ts') : specifier, context);
  },
});
