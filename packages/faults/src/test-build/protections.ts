/**
 * The protections of which a scenario can be run without: what a test build changes in the built files. A change that does not find its
 * text is an error, so none goes stale unnoticed.
 */

export interface Removal {
  /** End of the file's path. */
  readonly file: string;
  readonly text: string;
  readonly replacement: string;
}

export const PROTECTIONS = {
  'append fence': [
    {
      file: 'runs/dist/run-event-log/append-events.sql.js',
      text: 'WHERE ${guardSql(RUN_TRANSITIONS.write, HELD)}',
      replacement: '',
    },
  ],
  rescue: [
    {
      file: 'runs/dist/sweep/sweeper.js',
      text: 'await this.#rescue(await this.#observe());',
      replacement: '',
    },
  ],
} as const satisfies Record<string, readonly Removal[]>;

export type Protection = keyof typeof PROTECTIONS;
