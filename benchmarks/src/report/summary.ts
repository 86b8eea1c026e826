/**
 * `pnpm bench summary`: what is to be reached beside what was measured last.
 */
import { GOALS, type Goal, type Records } from './goals.js';
import { figure, ratio, type Table } from './markdown.js';

export function summaryTable(records: Records): Table {
  return {
    title: 'What is to be reached',
    head: ['measure', 'in-memory', 'floor', 'longrun', 'must', 'aim', '÷ in-memory', '÷ floor', 'reached'],
    rows: GOALS.map((goal) => {
      const { longrun, inMemory, floor, aim = goal.aim } = goal.read(records);
      return [
        goal.measure,
        figure(inMemory),
        figure(floor),
        figure(longrun),
        figure(goal.must),
        figure(aim),
        ratio(longrun ?? NaN, inMemory),
        ratio(longrun ?? NaN, floor),
        verdict({ ...goal, aim }, longrun),
      ];
    }),
  };
}

/** Of which commit and when the suites were measured, and how busy the machine was besides. */
export function sourceTable(records: Records): Table {
  return {
    title: 'Measured',
    head: ['suite', 'date', 'commit', 'length', 'cores of others', 'machine'],
    rows: [...records.values()].map(({ suite, date, commit, size, otherLoad, machine }) => [
      suite,
      date.slice(0, 16).replace('T', ' '),
      commit,
      size,
      figure(otherLoad),
      machine,
    ]),
  };
}

function verdict({ must, aim, better }: Goal, value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '-';
  const reaches = (bound: number): boolean => (better === 'less' ? value <= bound : value >= bound);
  return reaches(aim) ? 'aim' : reaches(must) ? 'must' : 'no';
}
