// Components of the test graphs, for front ends.
import './weather-ui.css';

function Weather({ city }) {
  return <b className="weather">{city}</b>;
}

export default { weather: Weather };
