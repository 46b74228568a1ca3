#!/usr/bin/env node
import '../dist/bin/tensorflow-model-server.js';
