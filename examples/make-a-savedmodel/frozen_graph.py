"""Writes a frozen graph as version 1 of a model: python frozen_graph.py models/half_plus_two frozen.pb x:0 y:0"""

import sys

import tensorflow.compat.v1 as tf

base_path, frozen, x, y = sys.argv[1:]
definition = tf.GraphDef()
with open(frozen, "rb") as file:
    definition.ParseFromString(file.read())

with tf.Graph().as_default() as graph, tf.Session() as session:
    tf.import_graph_def(definition, name="")
    builder = tf.saved_model.Builder(f"{base_path}/1")
    builder.add_meta_graph_and_variables(
        session,
        [tf.saved_model.tag_constants.SERVING],
        signature_def_map={
            "serving_default": tf.saved_model.predict_signature_def(
                inputs={"x": graph.get_tensor_by_name(x)}, outputs={"y": graph.get_tensor_by_name(y)}
            ),
        },
    )
    builder.save()
