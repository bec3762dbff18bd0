/** Which documents the editor shows to the server. */

/** A filter as the language client takes it. */
export interface FileFilter {
  readonly scheme: "file";
  readonly language?: string;
  readonly pattern?: string;
}

const LANGUAGES = ["dockercompose", "yaml", "dotenv", "nginx"];

/**
 * For editors that know no language of these files. YAML and dotenv files may have any name, since `include`, `extends`
 * and `env_file` name them; the server keeps silent about those that no deployment reads.
 */
const PATTERNS = [
  "**/{compose,docker-compose}*.{yml,yaml}",
  "**/{.env,.env.*,*.env}",
  "**/*.env.{example,sample,template,dist}",
  "**/{config,config.local}.json",
  "**/{nginx,squid}*.{conf,conf.template}",
  "**/{nginx,conf.d,ssrf_proxy}/*.{conf,conf.template}",
];

export const documentSelector: readonly FileFilter[] = [
  ...LANGUAGES.map((language): FileFilter => ({ scheme: "file", language })),
  ...PATTERNS.map((pattern): FileFilter => ({ scheme: "file", pattern })),
];
