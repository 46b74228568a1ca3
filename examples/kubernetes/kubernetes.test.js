import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { Service } from 'kubernetes-models/v1/Service';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { validateStrictly } from './known-fields.test-support.js';
import { inferenceServiceSchema, servingRuntimeSchema } from './kserve-schemas.test-support.js';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const read = (file) => readFileSync(path(`./${file}`), 'utf8');

/** The objects of a manifest by kind; a broken one throws. */
function manifest(file) {
  const documents = parseAllDocuments(read(file));
  for (const { errors } of documents) if (errors.length > 0) throw errors[0];
  return documents.map((document) => document.toJS());
}
const only = (objects, kind) => objects.find((object) => object.kind === kind);

const [deployment, config] = manifest('deployment.yaml');
const services = manifest('service.yaml');
const [scaler, budget] = manifest('horizontal-pod-autoscaler.yaml');
const kserve = manifest('kserve-serving-runtime.yaml');
const inferenceServices = [only(kserve, 'InferenceService'), ...manifest('kserve-inference-services.yaml')];
const [container] = deployment.spec.template.spec.containers;
const [runtime] = only(kserve, 'ClusterServingRuntime').spec.containers;

/** The JSON list of an instruction. */
const instruction = (name) => JSON.parse(new RegExp(`^${name} (\\[.*\\])$`, 'm').exec(read('Dockerfile'))[1]);
const flags = (args) => Object.fromEntries(args.map((argument) => argument.replace(/^--/, '').split(/=(.*)/s, 2)));

describe('the manifests', () => {
  const usage = execFileSync(process.execPath, [path('../../packages/cli/bin/tensorflow_model_server.js'), '--help']);
  const known = new Set(Array.from(String(usage).matchAll(/--(\w+)/g), ([, name]) => name));

  it.each([
    ['Dockerfile', [...instruction('ENTRYPOINT').slice(1), ...instruction('CMD')]],
    ['deployment.yaml', container.args],
    ['kserve-serving-runtime.yaml', runtime.args],
    ['kserve-inference-services.yaml', inferenceServices.flatMap(({ spec }) => spec.predictor.model.args ?? [])],
  ])('%s gives tensorflow_model_server flags that it has', (_, args) => {
    expect(known.size).toBeGreaterThan(30);
    expect(Object.keys(flags(args)).filter((name) => !known.has(name))).toEqual([]);
  });

  it('are about one app, whose ports the services find', () => {
    const { app } = deployment.spec.template.metadata.labels;
    for (const { spec } of services) expect(spec.selector).toEqual({ app });
    expect([deployment.spec.selector, budget.spec.selector]).toEqual([
      { matchLabels: { app } },
      { matchLabels: { app } },
    ]);
    expect(scaler.spec.scaleTargetRef.name).toBe(deployment.metadata.name);
    const ports = Object.fromEntries(container.ports.map(({ name, containerPort }) => [name, String(containerPort)]));
    const { port, rest_api_port } = flags(container.args);
    expect(ports).toEqual({ grpc: port, rest: rest_api_port });
    expect(services.flatMap(({ spec }) => spec.ports.map(({ targetPort }) => targetPort)).sort()).toEqual([
      'grpc',
      'rest',
    ]);
  });

  it("probe the health path of the image's entry point", () => {
    const { rest_api_health_path: health } = flags(instruction('ENTRYPOINT').slice(1));
    expect(container.readinessProbe.httpGet).toEqual({ path: `${health}/ready`, port: 'rest' });
    for (const probe of ['startupProbe', 'livenessProbe']) {
      expect(container[probe].httpGet).toEqual({ path: `${health}/live`, port: 'rest' });
    }
  });

  it('leave time for what is in flight after preStop', () => {
    const seconds = Number(container.lifecycle.preStop.exec.command[1]);
    const grace = Number(flags(container.args).shutdown_grace_seconds);
    const longestRequest = 30;
    expect(grace).toBeGreaterThan(longestRequest);
    expect(deployment.spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(seconds + grace);
  });

  it('mount the files that flags name', () => {
    const mounted = Object.keys(config.data).map((file) => `/config/${file}`);
    const { monitoring_config_file, batching_parameters_file } = flags(container.args);
    expect(mounted.sort()).toEqual([batching_parameters_file, monitoring_config_file]);
    expect(config.metadata.name).toBe(deployment.spec.template.spec.volumes[1].configMap.name);
  });
});

describe('the ServingRuntime for KServe', () => {
  it("keeps the contract of KServe's own for TensorFlow Serving", () => {
    const { spec, metadata } = only(kserve, 'ClusterServingRuntime');
    expect(spec.protocolVersions).toEqual(['v1', 'v2', 'grpc-v1', 'grpc-v2']);
    expect(spec.supportedModelFormats.map(({ name, version }) => `${name} ${version}`)).toEqual([
      'tensorflow 1',
      'tensorflow 2',
      'onnx 1',
    ]);
    expect(runtime).toMatchObject({ name: 'kserve-container', command: ['/usr/bin/tensorflow_model_server'] });
    expect(flags(runtime.args)).toMatchObject({
      model_name: '{{.Name}}',
      model_base_path: '/mnt/models',
      port: '9000',
      rest_api_port: '8080',
    });
    for (const { spec } of inferenceServices) expect(spec.predictor.model.runtime).toBe(metadata.name);
    expect(read('Dockerfile')).toContain('/usr/bin/tensorflow_model_server\n');
  });
});

describe('the schemas of Kubernetes', () => {
  const kinds = { Deployment, ConfigMap, Service, HorizontalPodAutoscaler, PodDisruptionBudget };

  it.each(
    [deployment, config, ...services, scaler, budget].map((object) => [object.kind, object.metadata.name, object]),
  )('accept %s %s', (kind, _, object) => {
    expect(() => validateStrictly(kinds[kind], object)).not.toThrow();
  });

  it('refuse a field that is misspelt, and a wrong value', () => {
    const misspelt = structuredClone(deployment);
    misspelt.spec.template.spec.containers[0].readynessProbe = {};
    expect(() => validateStrictly(Deployment, misspelt)).toThrow(/unknown fields: .*\.readynessProbe/);
    const wrong = structuredClone(deployment);
    wrong.spec.template.spec.containers[0].ports[0].containerPort = '8500';
    expect(() => validateStrictly(Deployment, wrong)).toThrow(/integer/);
  });
});

describe('the resource definitions of KServe', () => {
  it('accept the runtime', () => {
    expect(servingRuntimeSchema.safeParse(only(kserve, 'ClusterServingRuntime')).error?.issues ?? []).toEqual([]);
  });

  it.each(inferenceServices.map((service) => [service.metadata.name, service]))(
    'accept the InferenceService %s',
    (_, service) => {
      expect(inferenceServiceSchema.safeParse(service).error?.issues ?? []).toEqual([]);
      const { protocolVersion = 'v1', modelFormat } = service.spec.predictor.model;
      const { spec } = only(kserve, 'ClusterServingRuntime');
      expect(spec.protocolVersions).toContain(protocolVersion);
      const versions = spec.supportedModelFormats
        .filter(({ name }) => name === modelFormat.name)
        .map(({ version }) => version);
      expect(versions).toContain(modelFormat.version ?? versions[0]);
    },
  );

  it.each([
    ['a field that is misspelt', ({ spec }) => Object.assign(spec, { protocolVersion: ['v2'] })],
    ['an unknown protocol', ({ spec }) => spec.protocolVersions.push('v3')],
    ['a priority of 0', ({ spec }) => Object.assign(spec.supportedModelFormats[0], { priority: 0 })],
    [
      'a probe without a port',
      ({ spec }) => Object.assign(spec.containers[0], { readinessProbe: { httpGet: { path: '/' } } }),
    ],
    [
      'a field that containers do not have',
      ({ spec }) => Object.assign(spec.containers[0].securityContext, { runAsRoot: false }),
    ],
    ['another container alone', ({ spec }) => Object.assign(spec.containers[0], { name: 'server' })],
  ])('refuse %s', (_, change) => {
    const changed = structuredClone(only(kserve, 'ClusterServingRuntime'));
    change(changed);
    expect(servingRuntimeSchema.safeParse(changed).success).toBe(false);
  });

  it('refuse more than all of the traffic for a canary', () => {
    const changed = structuredClone(inferenceServices.at(-1));
    changed.spec.predictor.canaryTrafficPercent = 110;
    expect(inferenceServiceSchema.safeParse(changed).success).toBe(false);
  });
});

it('the Dockerfile stands word for word in docs/guides/deployment.md', () => {
  expect(read('../../docs/guides/deployment.md')).toContain(read('Dockerfile'));
});

it('docs/guides/migrating-from-kserve.md names the runtime', () => {
  const { name } = only(kserve, 'ClusterServingRuntime').metadata;
  expect(read('../../docs/guides/migrating-from-kserve.md')).toContain(`runtime: ${name} `);
});
