#!/usr/bin/env node
void import('../dist/bin/serving.js');
