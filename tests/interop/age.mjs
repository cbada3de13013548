// The npm package `age-encryption` with the flags of age that tests/interop uses; copied to where
// the package is installed and run there. Input and output by standard streams, or -o.
//   node age.mjs encrypt (-r RECIPIENT | --passphrase-file FILE) [-a]
//   node age.mjs decrypt (-i FILE|- | --passphrase-file FILE) [FILE]
//   node age.mjs keygen [--x25519]
import { readFileSync, writeSync } from "node:fs";
import { parseArgs } from "node:util";
import * as age from "age-encryption";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    recipient: { type: "string", short: "r" },
    identity: { type: "string", short: "i" },
    "passphrase-file": { type: "string" },
    armor: { type: "boolean", short: "a" },
    x25519: { type: "boolean" },
  },
});
const [command, name] = positionals;
const read = (path) => new Uint8Array(readFileSync(path === undefined || path === "-" ? 0 : path));
const text = (path) => new TextDecoder().decode(read(path)).trim();

function say(bytes) {
  for (let start = 0; start < bytes.length; ) {
    try {
      start += writeSync(1, bytes, start);
    } catch (error) {
      if (error.code !== "EAGAIN") throw error; // a full pipe
    }
  }
}

if (command === "keygen") {
  const make = values.x25519 ? age.generateX25519Identity : age.generateHybridIdentity;
  say(new TextEncoder().encode(`${await make()}\n`));
} else if (command === "encrypt") {
  const sealer = new age.Encrypter();
  if (values.recipient) {
    sealer.addRecipient(values.recipient);
  } else {
    sealer.setScryptWorkFactor(10);
    sealer.setPassphrase(text(values["passphrase-file"]));
  }
  const sealed = await sealer.encrypt(read(name));
  say(values.armor ? new TextEncoder().encode(age.armor.encode(sealed)) : sealed);
} else {
  const opener = new age.Decrypter();
  if (values.identity) {
    for (const line of text(values.identity).split("\n")) {
      if (!line.startsWith("#")) opener.addIdentity(line.trim());
    }
  } else {
    opener.addPassphrase(text(values["passphrase-file"]));
  }
  const content = read(name);
  const isArmored = content[0] === 45;
  say(await opener.decrypt(isArmored ? age.armor.decode(new TextDecoder().decode(content)) : content));
}
