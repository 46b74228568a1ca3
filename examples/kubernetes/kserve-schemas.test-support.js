/** The objects of KServe as its resource definitions have them: what a manifest may say, and nothing else. Containers are Kubernetes' own. */
import { Container } from 'kubernetes-models/v1/Container';
import { z } from 'zod';
import { validateStrictly } from './known-fields.test-support.js';

/** Fails for fields and values that Kubernetes does not know in a container. */
function container(fields, context) {
  try {
    // The one of a model has its name from the runtime.
    validateStrictly(Container, { name: 'kserve-container', ...fields });
  } catch (error) {
    context.addIssue({ code: 'custom', message: error.message });
  }
}

const protocol = z.enum(['v1', 'v2', 'grpc-v1', 'grpc-v2']);
const metadata = z.strictObject({
  name: z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/),
  namespace: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});

export const servingRuntimeSchema = z.strictObject({
  apiVersion: z.literal('serving.kserve.io/v1alpha1'),
  kind: z.enum(['ClusterServingRuntime', 'ServingRuntime']),
  metadata,
  spec: z.strictObject({
    annotations: z.record(z.string(), z.string()).optional(),
    labels: z.record(z.string(), z.string()).optional(),
    supportedModelFormats: z
      .array(
        z.strictObject({
          name: z.string(),
          version: z.string().optional(),
          autoSelect: z.boolean().optional(),
          priority: z.int().min(1).optional(),
        }),
      )
      .min(1),
    protocolVersions: z.array(protocol).optional(),
    multiModel: z.boolean().optional(),
    disabled: z.boolean().optional(),
    containers: z
      .array(z.looseObject({ name: z.string() }).superRefine(container))
      .min(1)
      .refine((containers) => containers.some(({ name }) => name === 'kserve-container'), 'one is kserve-container'),
  }),
});

export const inferenceServiceSchema = z.strictObject({
  apiVersion: z.literal('serving.kserve.io/v1beta1'),
  kind: z.literal('InferenceService'),
  metadata,
  spec: z.strictObject({
    predictor: z.strictObject({
      minReplicas: z.int().min(0).optional(),
      maxReplicas: z.int().min(0).optional(),
      scaleTarget: z.int().optional(),
      scaleMetric: z.enum(['cpu', 'memory', 'concurrency', 'rps']).optional(),
      containerConcurrency: z.int().min(0).optional(),
      timeout: z.int().optional(),
      canaryTrafficPercent: z.int().min(0).max(100).optional(),
      model: z
        .looseObject({
          modelFormat: z.strictObject({ name: z.string(), version: z.string().optional() }),
          runtime: z.string().optional(),
          runtimeVersion: z.string().optional(),
          protocolVersion: protocol.optional(),
          storageUri: z
            .string()
            .regex(/^(?:s3|gs|https?|hf|hdfs|webhdfs|pvc|oci):\/\//)
            .optional(),
        })
        .superRefine(({ modelFormat, runtime, runtimeVersion, protocolVersion, storageUri, ...fields }, context) =>
          container(fields, context),
        ),
    }),
  }),
});
