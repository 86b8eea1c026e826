/**
 * Loads the graphs anew when their files change: first tried beside the process that serves them, which goes on until they load.
 */
import { basename } from 'node:path';

import type { LoadCheck } from './load-check.js';
import { SourceWatch } from './source-watch.js';

/** What a {@link Reloader} needs. */
export interface ReloaderOptions {
  /** False: nothing is watched. */
  readonly isWatching: boolean;
  /** Files that count whatever the graphs import: langgraph.json and its env file. Asked before each check. */
  ownFiles(): readonly string[];
  check(signal: AbortSignal): Promise<LoadCheck>;
  /** Puts another process in the place of the one that runs. */
  replace(): Promise<void>;
  note(sentence: string): void;
}

export class Reloader {
  private readonly watch: SourceWatch;
  private readonly closing = new AbortController();
  /** All that was ever imported and is not known to be unused: a failed check sees a part only. */
  private files: readonly string[] = [];
  private isServing = false;
  private changed: readonly string[] | undefined;
  private wake: () => void = () => undefined;
  private loop: Promise<void> | undefined;

  constructor(private readonly options: ReloaderOptions) {
    this.watch = new SourceWatch({
      note: options.note,
      onChange: (files) => {
        this.changed = files;
        this.wake();
      },
    });
  }

  /**
   * Resolves with the names of the graphs when they load: at once, or after the edit that mends them.
   *
   * @throws Error when they do not load and nothing is watched
   */
  async firstLoad(): Promise<readonly string[]> {
    for (;;) {
      const { graphs, error } = await this.load();
      if (graphs !== undefined) return graphs;
      if (!this.options.isWatching) throw new Error(error);
      this.options.note(`${error ?? ''}\nWaiting for a change.`);
      await this.untilChanged();
      if (this.closing.signal.aborted) return [];
    }
  }

  /** From now on a process serves the graphs: changes replace it. */
  start(): void {
    this.isServing = true;
    if (this.options.isWatching) this.loop = this.run();
  }

  /** Ends the watch; resolves when no process is being replaced any more. */
  async close(): Promise<void> {
    this.closing.abort();
    this.watch.close();
    this.wake();
    await this.loop;
  }

  private async run(): Promise<void> {
    for (;;) {
      const files = await this.untilChanged();
      if (this.closing.signal.aborted) return;
      await this.reload(files);
    }
  }

  private async reload(files: readonly string[]): Promise<void> {
    const { note } = this.options;
    const { error } = await this.load();
    if (this.closing.signal.aborted || this.changed !== undefined) return;
    const what = files.map((file) => basename(file)).join(', ');
    if (error !== undefined) {
      const old = this.isServing ? 'What was loaded before goes on' : 'Nothing is running';
      note(`${what} changed, and cannot be loaded:\n${error}\n${old}. Waiting for a change.`);
      return;
    }
    note(`${what} changed: loading the graphs anew. Runs under way go on; streams go on by Last-Event-ID.`);
    const startedAt = performance.now();
    try {
      await this.options.replace();
      this.isServing = true;
      note(`Loaded anew in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s.`);
    } catch (failure) {
      this.isServing = false;
      const reason = failure instanceof Error ? failure.message : String(failure);
      if (!this.closing.signal.aborted) note(`${reason}\nNothing is running. Waiting for a change.`);
    }
  }

  /** One check, after which its files are watched. */
  private async load(): Promise<LoadCheck> {
    this.changed = undefined;
    // Before the check reads them: what changes in the middle of it is seen.
    this.follow(this.files, false);
    const check = await this.options.check(this.closing.signal);
    const failed = check.error !== undefined;
    this.files = failed ? [...new Set([...this.files, ...check.files])] : check.files;
    this.follow(this.files, failed);
    return check;
  }

  private follow(files: readonly string[], anyCode: boolean): void {
    if (!this.options.isWatching || this.closing.signal.aborted) return;
    this.watch.set([...this.options.ownFiles(), ...files], anyCode);
  }

  private async untilChanged(): Promise<readonly string[]> {
    while (this.changed === undefined && !this.closing.signal.aborted) {
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    const files = this.changed ?? [];
    this.changed = undefined;
    return files;
  }
}
