// Runs the checks of the pages on what a test hands over: one JSON list in, what each came to out.
import { checkConsistency, checkInclusion, checkSignature, leafOf, readKey, readNote, unBase64 } from "../../api/web/src/lib/proof.ts";

const CHECKS = {
  inclusion: ({ size, root, position, leaf, path }) =>
    checkInclusion({ size, root: unBase64(root) }, position, unBase64(leaf), path.map(unBase64)),
  consistency: ({ old, now, path }) =>
    checkConsistency({ size: old[0], root: unBase64(old[1]) }, { size: now[0], root: unBase64(now[1]) }, path.map(unBase64)),
  note: async ({ note, key }) => checkSignature(readNote(note), await readKey(key)),
  leaf: async ({ line }) => Buffer.from((await leafOf(line)).hash).toString("base64"),
};

let given = "";
for await (const part of process.stdin) given += part;
const told = [];
for (const one of JSON.parse(given)) {
  try {
    told.push({ found: (await CHECKS[one.check](one)) ?? null });
  } catch (error) {
    told.push({ wrong: error.constructor.name, said: error.message });
  }
}
console.log(JSON.stringify(told));
