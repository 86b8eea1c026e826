// `pnpm check:image`: the images without an engine. Runs the Dockerfile's build stages in clean folders, weighs the layers that are
// ours, and starts the images' commands, as the images' user, against a real Postgres and Redis: migrate, a key, sweeper, worker, api; one
// run of an example graph must succeed, and SIGTERM must end all of them well.
// Not the images' own: Node.js is the one of this machine, and so are the C library and the rest of the base image.
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imageProblems, readDockerfile, targetsOf } from './infra/dockerfile.mjs';
import { runBuildStage, sizeOf } from './infra/image-build.mjs';
import { runSystem } from './infra/image-run.mjs';
import { withTestServices } from './test-services.mjs';

/** Our own limit for a layer; with it and the base an image is fetched in seconds. */
const LAYER_LIMIT = 160_000_000;

const stages = readDockerfile();
const problems = imageProblems(stages);
const folder = mkdtempSync(join(tmpdir(), 'longrun-image-'));
// The images' user looks into it.
chmodSync(folder, 0o755);
const { code } = await withTestServices('image', async (env) => {
  for (const name of ['prune', 'build']) await runBuildStage(stages.get(name), folder);
  const images = new Map(targetsOf(stages).map((stage) => [stage.name, imageOf(stage)]));
  for (const { name, files } of images.values()) weigh(name, files);
  mkdirSync(join(folder, 'run'));
  await runSystem(images, join(folder, 'run'), env);
  return 0;
}).finally(() => rmSync(folder, { recursive: true, force: true }));
for (const problem of problems) console.error(problem);
process.exit(problems.length > 0 ? 1 : code);

/** A target with its files: where in the image, and where here. */
function imageOf(stage) {
  const files = [];
  for (let at = stage; at !== undefined; at = stages.get(at.base))
    for (const step of at.steps)
      if (step.kind === 'COPY') files.push([step.target, join(folder, step.from, step.source)]);
  return { ...stage, files };
}

function weigh(name, files) {
  for (const [target, source] of files) {
    const bytes = sizeOf(source);
    console.log(`${name.padEnd(14)} ${target.padEnd(16)} ${(bytes / 1e6).toFixed(1).padStart(6)} MB`);
    if (bytes > LAYER_LIMIT)
      problems.push(
        `${name}: the layer ${target} has ${(bytes / 1e6).toFixed(1)} MB; the limit is ${LAYER_LIMIT / 1e6}.`,
      );
  }
}
