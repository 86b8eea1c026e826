/**
 * Health and metrics of a sweeper.
 */
import { Controller, Get, Header, HttpException, Inject } from '@nestjs/common';
import type { CapabilityName, Registry } from '@longrun/service-kit';
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

  @Get('ok')
  ok(): { ok: true } {
    return { ok: true };
  }

  /** Ready: it looks. That needs Postgres; what else is missing is named, and done without. */
  @Get('ready')
  ready(): { ready: true; missing: CapabilityName[] } {
    const { sinceLastLookMs, capabilities } = this.sweeper;
    const { missing } = capabilities;
    if (sinceLastLookMs > READY_WITHIN_MS) {
      const reason = `no look for ${Math.round(sinceLastLookMs)} ms`;
      throw new HttpException({ ready: false, reason, missing }, 503);
    }
    return { ready: true, missing };
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4')
  async prometheus(): Promise<string> {
    return this.metrics.metrics();
  }
}
