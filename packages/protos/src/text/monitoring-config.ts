/** The file of `--monitoring_config_file`. */
import { parseConfigText } from './config-text.js';

/** The content of a MonitoringConfig. */
export interface MonitoringConfig {
  /** Absent: not in the file. */
  readonly prometheusConfig?: {
    readonly enable: boolean;
    /** Where the metrics page lies; `''` stands for the default. */
    readonly path: string;
  };
}

/**
 * Parses a MonitoringConfig in protobuf text format. An empty text is an empty configuration.
 *
 * @param file named in the error.
 * @throws ServingError `INVALID_ARGUMENT` for a text that doesn't parse or has an unknown field.
 */
export function parseMonitoringConfig(text: string, file: string): MonitoringConfig {
  const { prometheusConfig } = parseConfigText('tensorflow.serving.MonitoringConfig', text, file);
  if (!prometheusConfig) return {};
  return { prometheusConfig: { enable: prometheusConfig.enable ?? false, path: prometheusConfig.path ?? '' } };
}
