#!/usr/bin/env node
void import('../dist/bin/serving-engine.js');
