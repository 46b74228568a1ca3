#!/usr/bin/env node
void import('../dist/bin/saved-model-cli.js');
