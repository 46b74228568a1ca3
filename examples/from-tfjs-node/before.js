import tf from '@tensorflow/tfjs-node';
import express from 'express';

const model = await tf.node.loadSavedModel(process.argv[2] ?? './models/digits/1');

const app = express();
app.use(express.json({ limit: '10mb' }));
app.post('/classify', async (request, response) => {
  const input = tf.tensor4d(request.body.images); // [n, 8, 8, 1]
  const outputs = model.predict({ image: input }); // nothing else happens in the process until it is done
  const probabilities = await outputs.probabilities.array();
  tf.dispose([input, outputs]); // what is forgotten here is leaked
  response.json({ probabilities });
});

const listener = app.listen(process.env.PORT ?? 8501);
listener.once('listening', () => console.log(`listening on ${listener.address().port}`));
