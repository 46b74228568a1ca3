"""Writes a frozen graph for tests: python half_plus_two_frozen.py frozen.pb"""

import sys

import tensorflow.compat.v1 as tf

with tf.Graph().as_default() as graph:
    x = tf.placeholder(tf.float32, [None], name="x")
    tf.identity(0.5 * x + 2.0, name="y")
    with open(sys.argv[1], "wb") as file:
        file.write(graph.as_graph_def().SerializeToString())
