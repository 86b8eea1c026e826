/**
 * One run of `longrun start`: brings the stack up in order, keeps it up, and takes it down in the reverse order.
 */
import type { Environment } from '../config/environment.js';
import { LocalServiceError, LOOPBACK, startPostgres, startRedis } from '@longrun/local-services';
import type { LocalService } from '@longrun/local-services';
import { startApp } from './app-process.js';
import type { AppProcess, AppSpec } from './app-process.js';
import { apiSpec, sweeperSpec, workerSpec } from './apps.js';
import type { AppContext, SessionOptions } from './apps.js';
import { migrateDatabase } from './migrate-database.js';
import { chooseApiPorts } from './ports.js';
import type { ProcessLedger } from './process-ledger.js';
import { probeRedis } from './redis-probe.js';
import { removeStack, writeStack } from './stack.js';
import type { Stack } from './stack.js';
import { Supervised } from './supervised.js';
import type { Running } from './supervised.js';

export type { SessionOptions } from './apps.js';

type Given = { url: string; pid: null };

export class Session {
  private readonly apps: { stop(): Promise<void> }[] = [];
  private redis: Supervised<LocalService> | undefined;
  private postgres: Supervised<LocalService> | undefined;
  private context: AppContext | undefined;
  private closing = false;
  private complete = false;
  private stack: Stack = {
    apis: [],
    workers: [],
    sweepers: [],
    redis: null,
    postgres: { url: '', pid: null },
  };

  constructor(
    private readonly options: SessionOptions,
    private readonly environment: Environment,
    private readonly ledger: ProcessLedger,
    private readonly note: (sentence: string) => void,
  ) {}

  /**
   * Starts everything; resolves when all of it is ready.
   *
   * @throws Error saying which part did not start, and why
   */
  async bringUp(): Promise<Stack> {
    const [databaseUrl, redisUrl] = await Promise.all([
      this.bringUpPostgres(),
      this.bringUpRedis(),
      this.options.beforeApps?.(),
    ]);
    const context: AppContext = {
      options: this.options,
      environment: this.environment,
      databaseUrl,
      redisUrl,
      onSpawn: (name, pid) => {
        this.ledger.record(name, 'app', pid);
      },
    };
    this.context = context;
    const { apis, workers, sweepers } = this.options;
    const single = redisUrl === undefined;
    const ports = await chooseApiPorts(
      { port: this.options.port, required: this.options.portRequired, count: single ? 1 : apis },
      this.note,
    );
    const starts: Promise<void>[] = ports.map((port, i) => this.bringUpApi(context, i, port));
    if (!single) {
      for (let i = 0; i < workers; i += 1) starts.push(this.bringUpWorker(context, i));
      // It calls the first api for webhooks that are paths, so it has to know where that is.
      const known = ports[0] === 0 ? starts[0] : Promise.resolve();
      for (let i = 0; i < sweepers; i += 1) {
        starts.push(Promise.resolve(known).then(() => this.bringUpSweeper(context, i, ports[0] ?? 0)));
      }
    }
    await Promise.all(starts);
    this.complete = true;
    this.publish();
    return this.stack;
  }

  /**
   * Stops the first api, lets go of its runs, and starts another on its port: for single mode, where it is the only process.
   *
   * @throws Error when the other one does not start; the next call tries again
   */
  async replaceApi(): Promise<void> {
    const [old] = this.apps;
    const url = this.stack.apis[0]?.url;
    if (old === undefined || url === undefined || this.context === undefined) {
      throw new Error('There is no api to be replaced.');
    }
    await old.stop();
    if (this.closing) return;
    this.apps.shift();
    await this.bringUpApi(this.context, 0, portOf(url));
  }

  /** Stops everything: first those who use the databases, then Redis, then Postgres. Safe in the middle of a start. */
  async takeDown(): Promise<void> {
    this.closing = true;
    await Promise.all(this.apps.map((app) => app.stop()));
    await this.redis?.stop();
    await this.postgres?.stop();
    removeStack(this.options.dataDir);
    this.ledger.remove();
  }

  /** URL for the apps. */
  private async bringUpPostgres(): Promise<string> {
    const { databaseUrl, databaseDirectUrl } = this.environment;
    if (databaseUrl !== undefined) {
      this.update({ postgres: { url: databaseUrl, pid: null } satisfies Given });
      await migrateDatabase(databaseDirectUrl ?? databaseUrl);
      return databaseUrl;
    }
    const { dataDir } = this.options;
    let port: number | undefined;
    this.postgres = this.supervise<LocalService>('postgres', {
      // After a restart the apps look for it where it was.
      launch: () => startPostgres({ dataDir, note: this.note, ...(port === undefined ? {} : { port }) }),
      onRunning: ({ pid, url }) => {
        port = Number(new URL(url).port);
        this.ledger.record('postgres', 'postgres', pid);
        this.update({ postgres: { url, pid } });
      },
    });
    const { url, socketUrl } = await this.postgres.start();
    await migrateDatabase(url);
    return socketUrl ?? url;
  }

  /** URL of Redis for the apps; undefined when this is single mode, or has to be. */
  private async bringUpRedis(): Promise<string | undefined> {
    const { redisUrl, redisServerBin } = this.environment;
    if (this.options.mode === 'single') return undefined;
    if (redisUrl !== undefined) {
      await probeRedis(redisUrl, this.note);
      this.update({ redis: { url: redisUrl, pid: null } satisfies Given });
      return redisUrl;
    }
    const { dataDir } = this.options;
    let port: number | undefined;
    this.redis = this.supervise<LocalService>('redis', {
      launch: () =>
        startRedis({
          dataDir,
          binary: redisServerBin,
          note: this.note,
          ...(port === undefined ? {} : { port }),
        }),
      onRunning: ({ pid, url }) => {
        port = Number(new URL(url).port);
        this.ledger.record('redis', 'redis', pid);
        this.update({ redis: { url, pid } });
      },
    });
    try {
      const { url, socketUrl } = await this.redis.start();
      return socketUrl ?? url;
    } catch (error) {
      // A program that the user named, and that does not work, is the user's to mend.
      if (!(error instanceof LocalServiceError) || redisServerBin !== undefined) throw error;
      this.redis = undefined;
      this.note(`${error.message} Going on in single mode: one process, without Redis.`);
      return undefined;
    }
  }

  private async bringUpApi(context: AppContext, index: number, port: number): Promise<void> {
    let current = port;
    await this.bringUpApp(
      `api-${String(index)}`,
      () => apiSpec(context, index, current),
      ({ pid, message: { url } }) => {
        if (url === undefined) throw new Error(`api-${String(index)} did not say where it listens.`);
        this.stack.apis[index] = { pid, url };
        // After a restart its clients look for it where it was.
        current = portOf(url);
      },
    );
  }

  private async bringUpWorker(context: AppContext, index: number): Promise<void> {
    await this.bringUpApp(
      `worker-${String(index)}`,
      () => workerSpec(context, index),
      ({ pid, message }) => {
        this.stack.workers[index] = { pid, id: message.id ?? '', url: message.url ?? '' };
      },
    );
  }

  private async bringUpSweeper(context: AppContext, index: number, apiPort: number): Promise<void> {
    await this.bringUpApp(
      `sweeper-${String(index)}`,
      () => sweeperSpec(context, index, this.stack.apis[0]?.url ?? `http://${LOOPBACK}:${String(apiPort)}`),
      ({ pid, message }) => {
        this.stack.sweepers[index] = { pid, url: message.url ?? '' };
      },
    );
  }

  private async bringUpApp(
    name: string,
    spec: () => AppSpec,
    place: (app: AppProcess) => void,
  ): Promise<void> {
    const app = this.supervise<AppProcess>(name, {
      launch: (signal) => startApp(spec(), signal),
      onRunning: (process) => {
        place(process);
        this.publish();
      },
    });
    this.apps.push(app);
    await app.start();
  }

  private supervise<Process extends Running>(
    name: string,
    how: { launch(signal: AbortSignal): Promise<Process>; onRunning(process: Process): void },
  ): Supervised<Process> {
    if (this.closing) throw new Error('Stopped while starting.');
    return new Supervised<Process>({ name, restart: this.options.restart, note: this.note, ...how });
  }

  private update(part: Partial<Stack>): void {
    this.stack = { ...this.stack, ...part };
    this.publish();
  }

  /** Only a complete stack is published: whoever reads the file can use it. */
  private publish(): void {
    if (this.complete && !this.closing) writeStack(this.options.dataDir, this.stack);
  }
}

/** A URL does not say the port that is its protocol's own. */
function portOf(url: string): number {
  return Number(new URL(url).port || 80);
}
