#!/usr/bin/env node
import '../dist/bin/serving.js';
