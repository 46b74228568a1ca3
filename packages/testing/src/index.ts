/**
 * For unit tests: {@link startTestServer} serves fakes ({@link fakeServable}) and real models ({@link savedModelFixture}) inside a test's process,
 * {@link ManualClock} is its time. {@link defineAdapterTestSuite} tests adapters; the rest tests platforms, sources and schedulers.
 *
 * @module @serving/testing
 */

// For tests of extensions.
export { type AdapterTestSuiteOptions, defineAdapterTestSuite } from './adapter-suite/adapter-test-suite.js';
export type { AdapterMount, AdapterUnderTest, CreateServer } from './adapter-suite/adapter-under-test.js';
export { listenForAdapterTest } from './adapter-suite/listen-for-adapter-test.js';
export { FakeLoader } from './fake-loader.js';
// For tests of applications.
export {
  type FakeCall,
  type FakeInputs,
  type FakeOutputs,
  type FakeServable,
  type FakeSignature,
  type FakeTensorSpec,
  type FakeTensorSpecs,
  fakeServable,
} from './fake-servable.js';
export { FakeSource } from './fake-source.js';
export { FakeStorage } from './fake-storage.js';
export { Gate } from './gate.js';
export { isSettled, ManualClock, settle } from './manual-clock.js';
export { PuppetBatchScheduler } from './puppet-batch-scheduler.js';
export { type SavedModelFixture, savedModelFixture } from './saved-model-fixture.js';
export {
  type FakeModel,
  type RealModel,
  startTestServer,
  type TestModel,
  type TestServer,
  type TestServerOptions,
} from './test-server.js';
export { waitUntilServableManagerStateIsOneOf } from './wait-until-state.js';
