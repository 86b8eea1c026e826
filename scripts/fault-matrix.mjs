// docs/fault-matrix.md: what the fault suite found (packages/faults/results.json).

const code = (text) => `\`${text}\``;
const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function figures(values) {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${value}`)
    .join(' · ');
}

function verdict({ held, problems, control }) {
  const found = held ? 'held' : `**broken**: ${problems.join('; ')}`;
  if (control === null) return found;
  return `${found}; without ${control.without}: ${control.caught ? 'caught' : '**not caught**'}`;
}

function provenance({ date, commit, seeds, size }) {
  return `${date}, ${code(commit)}, ${size}, seed ${seeds.join(', ')}`;
}

/** @param results what `pnpm faults --record` wrote */
export function faultMatrixPage(results, notice) {
  const rows = results.map((result) =>
    [
      code(result.scenario),
      result.fault,
      result.must,
      verdict(result),
      figures(result.figures),
      provenance(result),
    ]
      .map(cell)
      .join(' | '),
  );
  const machines = [...new Set(results.map(({ machine }) => machine))].join('; ');
  return `# Faults

<!-- ${notice} -->

What was done to a running system (real processes, Postgres and Redis, the product's default settings), what must hold, and what came out. All of it is
one command, and so is each row: \`npx -y pnpm@12.21.0 faults --scenario <name> --seed <n>\`. A **control** is the same run on a build without one
protection: the check must catch it, or it would prove nothing. Machine: ${machines}; everything on it at once.

| scenario | fault | must | result | measured | when |
| --- | --- | --- | --- | --- | --- |
${rows.map((row) => `| ${row} |`).join('\n')}

The promises behind it are in [guarantees](guarantees.md).
`;
}
