// The peer of apps.tess: the same applications in Jsonnet.
local labels(app) = {
  'app.kubernetes.io/name': app.name,
  'app.kubernetes.io/version': app.version,
  'app.kubernetes.io/part-of': 'fleet',
  'app.kubernetes.io/managed-by': 'bench',
  tier: app.tier,
};

local probe(path, period) = {
  httpGet: { path: path, port: 'http' },
  periodSeconds: period,
  timeoutSeconds: 2,
};

local container(app) = {
  name: 'app',
  image: 'registry.example/team/%s:%s' % [app.name, app.version],
  ports: [
    { name: 'http', containerPort: app.port },
    { name: 'metrics', containerPort: 9090 },
  ],
  env: [
    { name: 'APP_NAME', value: app.name },
    { name: 'APP_TIER', value: app.tier },
    { name: 'LISTEN', value: '0.0.0.0:%d' % app.port },
  ],
  resources: {
    requests: { cpu: '100m', memory: '128Mi' },
    limits: { memory: '256Mi' },
  },
  readinessProbe: probe('/ready', 5),
  livenessProbe: probe('/live', 10),
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  },
};

local deployment(app) = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: app.name,
    namespace: 'fleet',
    labels: labels(app),
  },
  spec: {
    replicas: app.replicas,
    selector: { matchLabels: { 'app.kubernetes.io/name': app.name } },
    template: {
      metadata: { labels: labels(app) },
      spec: {
        serviceAccountName: app.name,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 10001,
        },
        containers: [container(app)],
      },
    },
  },
};

local service(app) = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: app.name, namespace: 'fleet', labels: labels(app) },
  spec: {
    type: 'ClusterIP',
    selector: { 'app.kubernetes.io/name': app.name },
    ports: [
      { name: 'http', port: 80, targetPort: 'http' },
      { name: 'metrics', port: 9090, targetPort: 'metrics' },
    ],
  },
};

local app(i) = {
  name: 'app-%d' % i,
  version: '1.%d.0' % (i % 7),
  port: 8000 + i % 100,
  replicas: 2 + i % 3,
  tier: ['web', 'api', 'job'][i % 3],
};

function(count) std.flattenArrays([
  [deployment(a), service(a)]
  for a in std.makeArray(std.parseInt(count), app)
])
