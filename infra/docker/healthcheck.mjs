// HEALTHCHECK of the images: `node healthcheck.mjs <variable that holds the port> <path>`; ends with 0 when that answers 200.
const [variable, path] = process.argv.slice(2);
const answer = await fetch(`http://127.0.0.1:${process.env[variable]}${path}`, {
  signal: AbortSignal.timeout(4_000),
});
process.exit(answer.status === 200 ? 0 : 1);
