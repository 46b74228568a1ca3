"""Writes a graph of TensorFlow 1 as version 1 of a model: python tf1_builder.py models/half_plus_two"""

import sys

import tensorflow.compat.v1 as tf

with tf.Graph().as_default(), tf.Session() as session:
    x = tf.placeholder(tf.float32, [None], name="x")
    slope = tf.get_variable("slope", initializer=0.5)
    y = slope * x + 2.0
    session.run(tf.global_variables_initializer())

    builder = tf.saved_model.Builder(f"{sys.argv[1]}/1")
    builder.add_meta_graph_and_variables(
        session,
        [tf.saved_model.tag_constants.SERVING],
        signature_def_map={
            "serving_default": tf.saved_model.predict_signature_def(inputs={"x": x}, outputs={"y": y}),
        },
    )
    builder.save()
