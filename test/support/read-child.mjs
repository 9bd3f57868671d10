// Reads an artifact over and over while others replace it, and says what it saw: how often, and what was not whole.
// argv: the module of the library, the directory, for how many seconds, a public key, and by the sha256 of each
// artifact.json that may be there, what its signature is.
const [module, directory, seconds, key, expected] = process.argv.slice(2);
const { check, openArtifact } = await import(module);
const signatures = JSON.parse(expected);

const end = performance.now() + Number(seconds) * 1000;
const wrong = new Set();
let looks = 0;
while (performance.now() < end) {
  looks++;
  try {
    const artifact = await openArtifact(directory);
    const failures = await artifact.examine();
    // Once more, from what it holds.
    failures.push(...(await artifact.examine()));
    const isSigned = (await artifact.signature()) !== undefined;
    const { failures: others, signature } = await check(directory, { keys: [key], requireSignature: false });
    if (!(artifact.manifestDigest in signatures)) wrong.add('an artifact that nobody has published');
    if (isSigned !== (signatures[artifact.manifestDigest] === 'trusted')) wrong.add('the signature of another');
    for (const failure of [...failures, ...others]) wrong.add(failure);
    if (signature !== 'trusted' && signature !== 'none') wrong.add(`a signature that is ${signature}`);
  } catch (error) {
    wrong.add(String(error));
  }
}
process.stdout.write(JSON.stringify({ looks, wrong: [...wrong].slice(0, 10) }));
