/**
 * Health and metrics of a sweeper.
 */
import { Controller, Get, Header, HttpException, Inject } from '@nestjs/common';
import { readinessOf, streamingBackend, type Readiness, type Registry } from '@longrun/service-kit';
import { SweeperService } from './sweeper.service.js';
import { METRICS } from './tokens.js';

/** Longest time without a successful look before the sweeper is not ready. */
const READY_WITHIN_MS = 5_000;

@Controller()
export class HealthController {
  constructor(
    @Inject(SweeperService) private readonly sweeper: SweeperService,
    @Inject(METRICS) private readonly metrics: Registry,
  ) {}

  @Get(['ok', 'health/live'])
  ok(): { ok: true } {
    return { ok: true };
  }

  /** Ready: it looks. That needs Postgres; what else is missing is named, and done without. */
  @Get(['ready', 'health/ready'])
  ready(): Readiness {
    const { sinceLastLookMs, capabilities, isPushing } = this.sweeper;
    const isLate = sinceLastLookMs > READY_WITHIN_MS;
    const reason = isLate ? `no look for ${Math.round(sinceLastLookMs)} ms` : undefined;
    const readiness = readinessOf(capabilities.missing, streamingBackend(false, isPushing), reason);
    if (!readiness.ready) throw new HttpException(readiness, 503);
    return readiness;
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4')
  async prometheus(): Promise<string> {
    return this.metrics.metrics();
  }
}
