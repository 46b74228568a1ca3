"""Writes functions of a tf.Module as version 1 of a model: python module_save.py models/price"""

import sys

import tensorflow as tf


class Price(tf.Module):
    def __init__(self):
        super().__init__()
        self.weights = tf.Variable([0.5, 2.0], name="weights")

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, 2], tf.float32, name="features"),
            tf.TensorSpec([], tf.float32, name="factor"),
        ]
    )
    def price(self, features, factor=tf.constant(1.0)):  # a tensor: clients may leave `factor` out
        return {"price": factor * tf.linalg.matvec(features, self.weights)}

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.int64, name="values"),
            tf.TensorSpec([None], tf.int64, name="row_splits"),
        ]
    )
    def basket_totals(self, values, row_splits):  # a ragged tensor, as two tensors with names of their own
        baskets = tf.RaggedTensor.from_row_splits(values, row_splits)
        return {"total": tf.reduce_sum(baskets, axis=1)}


module = Price()
tf.saved_model.save(
    module,
    f"{sys.argv[1]}/1",
    signatures={"serving_default": module.price, "basket_totals": module.basket_totals},
)
