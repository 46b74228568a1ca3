/** What `serving completion` takes. */
import { type CommandSpec, usualExitCodes } from '@serving/engine/command';

export const completionSpec: CommandSpec = {
  name: 'completion',
  summary: 'Prints a script that completes the commands of this package in a shell: commands, flags, values, files.',
  details: [
    'bash: eval "$(serving completion bash)" in ~/.bashrc. zsh: eval "$(serving completion zsh)" in ~/.zshrc, behind compinit. fish: serving completion fish | source in config.fish.',
  ],
  operand: { name: 'SHELL', meaning: 'is bash, zsh or fish.', values: ['bash', 'zsh', 'fish'] },
  flags: {},
  examples: ['completion bash'],
  exitCodes: usualExitCodes,
};
