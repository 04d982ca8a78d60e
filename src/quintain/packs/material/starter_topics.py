"""Topics of the pack `starter`: what everybody has something to say about, with many words that count as about it."""

from quintain.packs.material.topics import topic_of

STARTER_TOPICS = (
    topic_of(
        "dogs",
        "dog love pet pets loyal bark barks tail paws fur walk walks playful "
        "friendly breed breeds companion companions puppy "
        "leash bone owner owners faithful",
        "Most of them love a long walk",
        "A happy tail says more than a bark",
        "They are loyal to their owner",
        "Thick fur keeps them warm in snow",
        "Some breeds guard the house at night",
        "A good companion waits at the door",
        "Clean paws keep the floor clean",
        "A young puppy chews on every bone",
    ),
    topic_of(
        "rain",
        "natural drop raindrops soil nature water clouds cloud drops wet umbrella weather ground plants storm "
        "sky falls fall falling puddles puddle "
        "grass crops rivers",
        "Water falls from grey clouds",
        "Small drops become wide puddles",
        "Plants need it to grow",
        "The ground smells fresh afterwards",
        "An umbrella keeps the head dry",
        "A storm brings a lot of it at once",
        "Rivers rise after a wet week",
        "The sky clears when it has passed",
    ),
    topic_of(
        "breakfast",
        "essential nutritious nourish healthy morning eggs egg bread toast coffee tea milk cereal fruit "
        "meal eat energy butter juice pancakes hungry food",
        "It is the first meal of the day",
        "Many people eat toast with butter",
        "Fresh fruit gives energy for the morning",
        "Hot coffee or tea goes well with it",
        "Children like cereal with cold milk",
        "A boiled egg keeps hunger away",
        "On Sundays there may be pancakes",
        "A glass of juice is quickly made",
    ),
    topic_of(
        "winter",
        "cozy chill frozen icy holidays snow cold ice warm coat coats season temperatures temperature december "
        "january frost scarf gloves freeze "
        "freezing snowman sledge",
        "Snow covers roofs and fields",
        "Ice makes the pavement slippery",
        "A warm coat is needed outdoors",
        "The nights are long and cold",
        "Frost paints flowers on windows",
        "Gloves protect the hands from the wind",
        "Children build a snowman in the yard",
        "It is the coldest season of the year",
    ),
    topic_of(
        "football",
        "sport game played win stadiums athletes ball team teams goal goals player players field kick kicks "
        "match score referee fans stadium pass league",
        "Two teams play with one ball",
        "A goal counts when the ball crosses the line",
        "Players pass and kick on a green field",
        "The referee watches every match",
        "Fans sing in the stadium",
        "A league lasts for many months",
        "Each team has eleven players",
        "One good pass can decide a match",
    ),
    topic_of(
        "trees",
        "nature forests life planet resilience leaves leaf branches branch trunk roots root wood "
        "forest shade oxygen bark fruit tall grow birds air",
        "Roots hold them firmly in the ground",
        "Green leaves make oxygen",
        "A thick trunk carries many branches",
        "Their shade is welcome on hot days",
        "Birds build nests high in the branches",
        "A forest cleans the air",
        "Some grow for hundreds of years",
        "Their wood becomes tables and paper",
    ),
    topic_of(
        "the moon",
        "celestial lunar bright glow night sky earth light phases craters orbit orbits sun stars "
        "tides surface astronauts full gravity planet",
        "It shines at night with borrowed light",
        "Its orbit around the earth takes a month",
        "Craters cover its dusty surface",
        "A full one lights up the whole sky",
        "Astronauts have walked on its surface",
        "Its gravity moves the tides",
        "Its phases change from day to day",
        "No wind blows over its craters",
    ),
    topic_of(
        "a birthday party",
        "celebration celebrating laughter joy life cake candles candle gifts gift presents friends balloons "
        "games music celebrate guests family fun song dance",
        "A cake with candles stands on the table",
        "Friends bring gifts in bright paper",
        "Balloons hang above the door",
        "Guests sing an old song together",
        "Games make the afternoon short",
        "The family takes many photos",
        "Music plays until the evening",
        "Everybody gets a piece of cake",
    ),
    topic_of(
        "reading books",
        "worlds minds ideas learning stories story page pages words library author authors imagination "
        "knowledge learn novel novels chapter "
        "characters quiet relax vocabulary",
        "A good story takes the mind far away",
        "Every page teaches new words",
        "A library lends novels for free",
        "Many people read a chapter before bed",
        "Stories help the imagination grow",
        "Some authors write for children only",
        "A quiet chair helps a lot",
        "The best characters feel like friends",
    ),
    topic_of(
        "cars",
        "engineering technology design sleek drive driver drivers engine wheels wheel road roads "
        "fuel seats traffic speed travel transportation brakes "
        "petrol electric vehicle vehicles",
        "Four wheels carry them along the road",
        "An engine turns fuel into motion",
        "A driver must watch the traffic",
        "Electric ones need no petrol",
        "Good brakes save lives",
        "The seats should be soft and safe",
        "High speed wastes a lot of fuel",
        "Families travel with them on holidays",
    ),
    topic_of(
        "apples",
        "orchards nutritious delicious crunchy apple fruit red green tree sweet pie juice juicy crisp healthy "
        "vitamins eat snack seeds orchard skin fiber taste",
        "They grow on a tree in an orchard",
        "Red and green ones taste different",
        "A fresh one is crisp and juicy",
        "Their skin holds many vitamins",
        "Sweet pie is made with them",
        "Their juice is popular with children",
        "The seeds inside are small and brown",
        "They are a healthy snack at noon",
    ),
    topic_of(
        "music",
        "art harmony soul lyrics artists sounds song songs sound sounds instruments instrument guitar piano "
        "melody rhythm listen sing dance notes concert "
        "emotions emotion voice feelings",
        "A melody stays in the mind for days",
        "People sing songs at work and at home",
        "A guitar and a piano sound well together",
        "Rhythm makes the feet move",
        "A concert brings strangers together",
        "Slow notes calm the feelings",
        "Every instrument has a voice of its own",
        "Many listen to it on the way to work",
    ),
    topic_of(
        "sleep",
        "peaceful restful asleep sleeping night rest bed dreams dream tired body brain health hours energy "
        "pillow dark mind wake relax mood",
        "The body needs rest every night",
        "Adults need about eight hours",
        "A dark room and a soft pillow help",
        "The brain sorts what the day has brought",
        "Dreams come and go until morning",
        "Tired people make more mistakes",
        "It lifts the mood and gives energy",
        "A warm bed makes it easy to relax",
    ),
    topic_of(
        "the beach",
        "coast sunset salty breeze seashells sand sea ocean waves wave sun swim water shells towel summer shore "
        "castle castles sunny relax vacation",
        "Soft sand runs between the toes",
        "Waves roll in from the sea",
        "Children build castles near the water",
        "The sun is strong at noon",
        "People swim when the water is calm",
        "Pretty shells lie along the shore",
        "A large towel keeps the sand away",
        "In summer it is full of families",
    ),
    topic_of(
        "friends",
        "friendship bond supportive trust help support share fun laugh laughter talk time listen "
        "kind loyal care together secrets memories "
        "happy joy love",
        "They help when something goes wrong",
        "Trust grows slowly over time",
        "They laugh about the same things",
        "A good talk can change a bad day",
        "They share secrets and memories",
        "Some stay close for a whole life",
        "They listen without being asked",
        "Time together brings joy",
    ),
    topic_of(
        "pizza",
        "classic baking flavors crusty cheese tomato tomatoes sauce dough crust oven toppings topping slice "
        "slices italy italian mushrooms baked "
        "delicious pepperoni",
        "Thin dough is covered with tomato sauce",
        "Melted cheese makes every slice rich",
        "A hot oven gives a crisp crust",
        "Mushrooms are a common topping",
        "It came from Italy to the whole world",
        "A large one has eight slices",
        "Fresh toppings matter more than many",
        "It is best when just baked",
    ),
)
