// What no schema says about rendered objects: that they fit each other, and the processes that they start.
const DRAIN_MARGIN_SECONDS = 5;
const PROBES = {
  livenessProbe: '/health/live',
  startupProbe: '/health/live',
  readinessProbe: '/health/ready',
};

/**
 * @param {any[]} documents rendered objects
 * @param {Set<string>} settings names of all variables of the configuration
 * @returns {string[]} problems
 */
export function structureProblems(documents, settings) {
  const pods = documents.flatMap((document) => podOf(document) ?? []);
  return [
    ...pods.flatMap((pod) => podProblems(pod, documents, settings).map((text) => `${pod.owner}: ${text}`)),
    ...documents.flatMap((document) =>
      relationProblems(document, documents, pods).map(
        (text) => `${document.kind} ${document.metadata.name}: ${text}`,
      ),
    ),
    ...repeated(documents),
  ];
}

/** The pod that an object makes; undefined when it makes none. */
function podOf({ kind, metadata, spec }) {
  const template = kind === 'CronJob' ? spec.jobTemplate.spec.template : spec?.template;
  if (template === undefined) return undefined;
  const { labels } = template.metadata;
  const isService = kind === 'Deployment';
  return {
    owner: `${kind} ${metadata.name}`,
    isService,
    isHook: isHook(metadata),
    labels,
    spec: template.spec,
  };
}

function isHook({ annotations = {} }) {
  return 'helm.sh/hook' in annotations;
}

function podProblems({ isService, isHook: ofHook, spec }, documents, settings) {
  const problems = [];
  const [container] = spec.containers;
  const env = new Map((container.env ?? []).map(({ name, value }) => [name, value]));
  for (const [name, value] of env) {
    if (!settings.has(name)) problems.push(`${name} is no setting`);
    if (/^\d[\d.]*e[+-]?\d+$/.test(value)) problems.push(`${name} is written ${value}`);
  }
  const drain = Number(env.get('DRAIN_GRACE_MS') ?? 0) / 1000;
  if (env.has('DRAIN_GRACE_MS') && !(spec.terminationGracePeriodSeconds >= drain + DRAIN_MARGIN_SECONDS))
    problems.push(`${spec.terminationGracePeriodSeconds} s to end, after a drain of ${drain} s`);
  const own = container.securityContext ?? {};
  if (
    !own.readOnlyRootFilesystem ||
    own.allowPrivilegeEscalation !== false ||
    !spec.securityContext?.runAsNonRoot
  )
    problems.push('not confined: non-root, no escalation, read-only root');
  if (spec.automountServiceAccountToken !== false)
    problems.push('has a token of the cluster, and no use for it');
  if (!container.envFrom?.some(({ secretRef }) => secretRef)) problems.push('no secret is referred to');
  const volumes = new Set((spec.volumes ?? []).map(({ name }) => name));
  for (const { name } of container.volumeMounts ?? [])
    if (!volumes.has(name)) problems.push(`there is no volume ${name}`);
  const accounts = documents.filter(({ kind, metadata }) => kind === 'ServiceAccount' && !isHook(metadata));
  // A hook comes before everything else, so it can use nothing that the chart makes.
  if (ofHook && accounts.some(({ metadata }) => metadata.name === spec.serviceAccountName))
    problems.push(`its service account does not exist yet when this hook runs`);
  if (isService) problems.push(...probeProblems(container, env));
  return problems;
}

function probeProblems(container, env) {
  const problems = [];
  const port = container.ports?.find(({ name }) => name === 'http')?.containerPort;
  if (String(port) !== (env.get('HEALTH_PORT') ?? env.get('PORT')))
    problems.push(`port http is ${port}, and the process listens elsewhere`);
  for (const [name, path] of Object.entries(PROBES)) {
    const { httpGet } = container[name] ?? {};
    if (httpGet?.path !== path) problems.push(`${name} asks ${httpGet?.path}, not ${path}`);
    if (!container.ports?.some((known) => known.name === httpGet?.port))
      problems.push(`${name}: there is no port ${httpGet?.port}`);
  }
  return problems;
}

function relationProblems(document, documents, pods) {
  const { kind, spec, metadata } = document;
  const chosenBy = (labels, among) => among.filter((candidate) => matches(labels, candidate.labels));
  if (kind === 'Deployment' && !matches(spec.selector.matchLabels, spec.template.metadata.labels))
    return ['its selector does not match its pods'];
  if (kind === 'Service') {
    const chosen = chosenBy(spec.selector, pods);
    if (chosen.length === 0) return ['selects no pod'];
    return spec.ports
      .filter(({ targetPort }) => !chosen.some((pod) => hasPort(pod, targetPort)))
      .map(({ targetPort }) => `no pod of it has a port ${targetPort}`);
  }
  if (kind === 'PodDisruptionBudget' || kind === 'NetworkPolicy') {
    const chosen = chosenBy((spec.selector ?? spec.podSelector).matchLabels, pods);
    if (chosen.length !== 1) return [`selects the pods of ${chosen.length} objects`];
    const ports = (spec.ingress ?? []).flatMap((rule) => rule.ports.map(({ port }) => port));
    return ports.filter((port) => !hasPort(chosen[0], port)).map((port) => `there is no port ${port}`);
  }
  if (kind === 'ServiceMonitor') {
    const services = documents
      .filter((other) => other.kind === 'Service')
      .map((service) => ({ labels: service.metadata.labels, ports: service.spec.ports }));
    const chosen = chosenBy(spec.selector.matchLabels, services);
    if (chosen.length !== 1) return [`selects ${chosen.length} services`];
    return spec.endpoints
      .filter(({ port }) => !chosen[0].ports.some(({ name }) => name === port))
      .map(({ port }) => `its service has no port ${port}`);
  }
  if (spec?.scaleTargetRef) {
    const { kind: wanted, name } = spec.scaleTargetRef;
    const target = documents.find((other) => other.kind === wanted && other.metadata.name === name);
    if (target === undefined) return [`there is no ${wanted} ${name}`];
    if (target.spec.replicas !== undefined) return [`${name} has a number of replicas of its own`];
  }
  if (metadata.namespace === undefined) return ['has no namespace'];
  return [];
}

function matches(selector, labels = {}) {
  return Object.entries(selector).every(([name, value]) => labels[name] === value);
}

function hasPort({ spec }, wanted) {
  return spec.containers.some(({ ports = [] }) => ports.some(({ name }) => name === wanted));
}

function repeated(documents) {
  const names = documents.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  return names.filter((name, index) => names.indexOf(name) !== index).map((name) => `${name} is there twice`);
}
